"""Published weights: Keras, TensorFlow Lite, YAMNet."""
