"""`innerear export`: a torch network as a model pack, a pack as a file for other hosts of sound."""
