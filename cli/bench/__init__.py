"""`innerear bench`: measurements, and the commands that print them."""
