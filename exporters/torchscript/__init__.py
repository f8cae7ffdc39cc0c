"""From a pack to one TorchScript module that hears and dreams without Innerear."""
