"""Methods on whole sounds: classify, dream, auralise, maximise, spectra."""
