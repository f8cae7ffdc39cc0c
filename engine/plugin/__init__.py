"""The processor, which turns blocks of sound into dreamed sound, and rendering of files with it."""
