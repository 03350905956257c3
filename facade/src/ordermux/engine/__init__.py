"""Calls of operations: their flows, retries, credentials and limits; no I/O but the runners'."""
