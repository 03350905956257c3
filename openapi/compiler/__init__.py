"""Compiles the providers' OpenAPI documents into typed client packages, and checks the documents."""
