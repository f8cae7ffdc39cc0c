"""The picture of the network: layers are columns, units are cells lit by their activation."""
