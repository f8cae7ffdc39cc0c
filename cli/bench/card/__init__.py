"""What `innerear bench gpu` measures: a graphics card beside cores of the processor."""
