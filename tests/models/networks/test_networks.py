"""Every architecture: its layers, its gradient at silence, and its export."""

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from torch import nn

from innerear.exporters.pack_graphs import export_pack_graphs
from innerear.models.networks.listener import Listener
from innerear.models.networks.spectral_cnn import CRNN, SpectralCNN
from innerear.models.networks.spectral_images import FRONT_ENDS
from innerear.models.networks.wavelet_network import WaveletNetwork
from innerear.models.training.pack import local_geometry
from innerear.models.training.recipes import RECIPES

from ...thinning import thinned

CLASSES = ("a", "b", "c")
SMALL: dict[str, Callable[[], Listener]] = {
    **{
        image: partial(SpectralCNN, CLASSES, image=image, widths=(2, 3), frames=32)
        for image in FRONT_ENDS
    },
    "stft12": lambda: SpectralCNN(CLASSES, widths=(2, 3), first_kernel=12, frames=48),
    "smooth": lambda: SpectralCNN(
        CLASSES, widths=(2, 3), frames=32, activation="silu", pooling="average"
    ),
    "crnn": lambda: CRNN(CLASSES, widths=(2, 3), frames=16, memory=4),
    "wavelets": lambda: WaveletNetwork(CLASSES, octaves=3, widths=(3,), pools=(2,), frames=32),
    "learned": lambda: WaveletNetwork(
        CLASSES, learned=True, threshold="hard", octaves=3, widths=(3,), pools=(2,), frames=32
    ),
}


# A bank that is learned; what the others have is exported in tests/exporters.
EXPORTED_OFTEN = ("learned",)


@pytest.fixture(params=SMALL)
def network(request: pytest.FixtureRequest) -> Listener:
    torch.manual_seed(0)
    return SMALL[request.param]().eval()


def test_every_layer_has_units_and_frames(network: Listener) -> None:
    layers = network(0.1 * torch.randn(2, network.window))
    *maps, (last, output) = layers.items()
    assert last == "output"
    assert output.shape == (2, len(CLASSES), 1)
    assert all(map_.ndim in (3, 4) and map_.shape[0] == 2 for _, map_ in maps)
    # A SiLU falls to -0.2785 before it rises again; all other units are above 0.
    least = -0.2785 if any(isinstance(each, nn.SiLU) for each in network.modules()) else 0.0
    assert all((map_ >= least).all() for _, map_ in maps)
    hops = [layer.hop for layer in local_geometry(network)[:-1]]
    assert hops == sorted(hops)


@pytest.mark.parametrize("image", FRONT_ENDS)
def test_a_front_end_gives_the_image_that_it_declares(image: str) -> None:
    front_end = FRONT_ENDS[image](16_000)
    picture = front_end(0.1 * torch.randn(2, front_end.window(20)))
    assert picture.shape == (2, front_end.bands, 20)
    assert torch.isfinite(picture).all()
    assert front_end.phrase


@pytest.mark.parametrize("level", [0.0, 1e-12, 1.0])
def test_gradients_are_finite_whatever_the_level(network: Listener, level: float) -> None:
    waveform = (level * torch.randn(1, network.window)).requires_grad_(True)
    layers = network(waveform)
    for name, map_ in layers.items():
        (gradient,) = torch.autograd.grad(map_.sum(), waveform, retain_graph=True)
        assert torch.isfinite(map_).all(), name
        assert torch.isfinite(gradient).all(), name


@pytest.mark.parametrize("network", thinned(SMALL, EXPORTED_OFTEN), indirect=True)
def test_both_graphs_agree_with_torch(network: Listener, tmp_path: Path) -> None:
    report = export_pack_graphs(network, tmp_path)  # raises where they do not
    assert [layer.name for layer in report.layers] == list(network(torch.zeros(1, network.window)))


def test_only_a_learned_bank_has_weights() -> None:
    fixed, learned = SMALL["wavelets"](), SMALL["learned"]()
    assert not any("bank" in name for name, _ in fixed.named_parameters())
    assert not any("bank" in name for name in fixed.state_dict())
    assert sum("bank" in name for name, _ in learned.named_parameters()) == 3


def test_a_recurrent_layer_reads_as_torch_does() -> None:
    torch.manual_seed(0)
    network = SMALL["crnn"]().eval()
    assert isinstance(network, CRNN)
    waveform = 0.1 * torch.randn(2, network.window)
    last = network(waveform)["conv2"]
    state = torch.zeros(2, 4)
    for frame in range(last.shape[3]):
        state = network.recurrent(last[..., frame].flatten(1), state)
    torch.testing.assert_close(network(waveform)["output"][..., 0], network.classifier(state))


# One of each architecture.
BUILT_OFTEN = ("crnn-robust", "samplecnn-digits", "wavelet-instruments")


@pytest.mark.parametrize("name", thinned(sorted(RECIPES), BUILT_OFTEN))
def test_a_recipe_makes_a_network_that_hears_about_a_second(name: str) -> None:
    network = RECIPES[name].untrained(CLASSES).eval()
    assert 0.9 < network.window / network.sample_rate < 1.2
    layers = local_geometry(network)[:-1]
    hops = [layer.hop for layer in layers if layer.frames > 1]  # a single frame has no hop
    # Each pools a whole number of frames of the one before, down to the few that are cut off.
    assert all(later % hop == 0 for hop, later in pairwise(hops))
    frame = network.image.window(1) if isinstance(network, SpectralCNN) else 512
    for layer in layers:
        # A frame short or in excess, at the ends.
        assert abs(layer.frames * layer.hop - network.window) <= layer.hop + max(frame, 512)
