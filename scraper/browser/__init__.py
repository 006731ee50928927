"""Chromium and its driver: find, start and watch them, replace them when they grow or die."""
