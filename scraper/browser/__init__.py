"""Chromium and its driver: found, started, watched, replaced when they grow or die."""
