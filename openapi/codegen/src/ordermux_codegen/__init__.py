"""Compiles OpenAPI documents into typed client packages, checks them, watches their sources, and releases them."""
