import pytest
import torch

from innerear.models.networks.geometry import layer_geometry
from innerear.models.networks.samplecnn import SampleCNN
from innerear.models.training.pack import local_geometry


@pytest.fixture
def network() -> SampleCNN:
    torch.manual_seed(0)
    return SampleCNN([f"class {index}" for index in range(5)]).eval()


def test_layers_have_the_shape_that_the_strides_give(network: SampleCNN) -> None:
    layers = network(torch.zeros(2, network.window))
    assert network.window == 8 * 3**7
    widths = (16, 32, 64, 96, 96, 128, 128)
    expected = {
        f"conv{number}": (width, 8 * 3 ** (7 - number)) for number, width in enumerate(widths, 1)
    }
    expected |= {"conv8": (192, 8), "output": (5, 1)}
    assert {name: tuple(map_.shape[1:]) for name, map_ in layers.items()} == expected
    assert list(layers)[-1] == "output"


def test_activations_are_never_negative_but_the_output(network: SampleCNN) -> None:
    layers = network(0.1 * torch.randn(2, network.window))
    output = layers.pop("output")
    assert all((map_ >= 0).all() for map_ in layers.values())
    assert ((network.scores(output) > 0) & (network.scores(output) < 1)).all()


@torch.no_grad()
def test_a_shift_by_a_hop_shifts_the_layer_by_a_frame(network: SampleCNN) -> None:
    sound = torch.zeros(1, network.window)
    sound[:, 5000:9000] = 0.1 * torch.randn(1, 4000)
    still = network(sound)
    for layer in local_geometry(network)[:-1]:
        moved = network(sound.roll(layer.hop, dims=1))[layer.name]
        edge = -(-layer.receptive_field // layer.hop)
        torch.testing.assert_close(
            moved[..., edge + 1 : layer.frames - edge],
            still[layer.name][..., edge : layer.frames - edge - 1],
            rtol=1e-4,
            atol=1e-5,
        )


@torch.no_grad()
def test_a_quiet_sound_is_heard_like_a_loud_one(network: SampleCNN) -> None:
    sound = torch.randn(1, network.window).clamp(-3, 3) / 3
    loud, quiet = network(sound)["output"], network(0.02 * sound)["output"]
    torch.testing.assert_close(quiet, loud, rtol=0.02, atol=0.02)


def test_receptive_fields_follow_from_kernels_and_strides(network: SampleCNN) -> None:
    # A convolution of 3 and a pooling of 3 at hop h add 2 h each.
    expected, hop, seen = [(3, 3)], 3, 3
    for _ in range(6):
        seen += 4 * hop
        hop *= 3
        expected.append((hop, seen))
    expected += [expected[-1], (network.window, network.window)]
    found = [(layer.hop, layer.receptive_field) for layer in local_geometry(network)]
    assert found == expected


def test_through_its_level_a_frame_sees_the_whole_window() -> None:
    small = SampleCNN(["a"], widths=(4, 4, 4), frames=5).eval()
    assert {layer.receptive_field for layer in layer_geometry(small)} == {small.window}
