"""The picture of the network: layers as columns, units as cells lit by what they hear."""
