"""Every architecture by the name that recipes and manifests use."""

from collections.abc import Callable, Mapping

from .listener import Listener
from .samplecnn import SampleCNN
from .spectral_cnn import CRNN, SpectralCNN
from .wavelet_network import WaveletNetwork
from .yamnet import YAMNet

ARCHITECTURES: Mapping[str, Callable[..., Listener]] = {
    "samplecnn": SampleCNN,
    "spectralcnn": SpectralCNN,
    "crnn": CRNN,
    "wavelets": WaveletNetwork,
    "yamnet": YAMNet,
}
"""name -> constructor taking `classes`, `sample_rate` and the recipe's `settings`."""
