"""The OpenAPI document and its page, made of the table of routes."""
