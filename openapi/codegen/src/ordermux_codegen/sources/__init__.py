"""Reports what changed in the pages that the documents depend on, and in what providers really send."""
