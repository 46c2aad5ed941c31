"""Accounts at risk: lists and single ones, what people did about them, for the API and the pages."""
