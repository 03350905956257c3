"""Compiles OpenAPI documents into typed client packages."""
