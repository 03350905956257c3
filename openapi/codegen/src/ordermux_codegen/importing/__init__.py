"""Turns a provider's published OpenAPI document into one that the compiler takes, and tells what that cost."""
