"""What it takes to add packs: their names, their files, and the way to fetch these."""
