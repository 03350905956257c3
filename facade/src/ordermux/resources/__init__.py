"""What people call: orders and products, sync and async."""
