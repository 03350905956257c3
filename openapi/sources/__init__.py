"""Tells what moved in the pages that the documents rest on, and in what providers really send."""
