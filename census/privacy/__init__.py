"""The record of accesses to personal data, its download by the person, and its deletion."""
