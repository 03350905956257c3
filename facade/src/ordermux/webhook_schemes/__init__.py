"""How a provider signs its deliveries, and what its events say."""
