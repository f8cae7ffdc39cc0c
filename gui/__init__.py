"""The window: see the network hear, touch what it dreams. The only package that knows Qt."""
