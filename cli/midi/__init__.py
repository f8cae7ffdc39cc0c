"""`innerear midi`: monitoring and learning."""
