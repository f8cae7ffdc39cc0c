"""What makes the documents' site: generated pages, sounds, notebooks and pictures."""
