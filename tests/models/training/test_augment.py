from dataclasses import replace

import pytest
import torch

from innerear.models.sounds.bank import Bank
from innerear.models.sounds.rooms import room_responses
from innerear.models.training import augment
from innerear.models.training.augment import PLAIN, UNMIXED, Augmentation, Examples

WINDOW = 900


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_a_batch_is_decided_by_its_generator(tiny_bank: Bank) -> None:
    examples = Examples(tiny_bank, WINDOW, Augmentation())
    first, again = examples.batch(8, seeded()), examples.batch(8, seeded())
    torch.testing.assert_close(first, again, rtol=0, atol=0)
    assert not torch.equal(first[0], examples.batch(8, seeded(1))[0])


def test_examples_are_finite_and_within_full_scale(tiny_bank: Bank) -> None:
    waveform, targets = Examples(tiny_bank, WINDOW, Augmentation()).batch(64, seeded())
    assert waveform.shape == (64, WINDOW)
    assert targets.shape == (64, 3)
    assert waveform.isfinite().all()
    assert waveform.abs().max() < 1.5
    assert set(targets.unique().tolist()) <= {0.0, 1.0}


def test_silence_has_no_target(tiny_bank: Bank) -> None:
    silent = replace(PLAIN, silence=1.0)
    waveform, targets = Examples(tiny_bank, WINDOW, silent).batch(8, seeded())
    assert waveform.abs().max() < 10 ** (-69 / 20)
    assert targets.sum() == 0


def test_a_mixture_has_both_targets(tiny_bank: Bank) -> None:
    mixed = replace(PLAIN, mixture=1.0)
    _, targets = Examples(tiny_bank, WINDOW, mixed).batch(64, seeded())
    assert set(targets.sum(dim=1).tolist()) == {1.0, 2.0}  # 1 where it met its own class


@pytest.mark.parametrize("how", [PLAIN, UNMIXED])
def test_a_test_example_has_one_class_and_is_that_class(tiny_bank: Bank, how: Augmentation) -> None:
    low, high = 0, 1
    labels = torch.tensor([low] * 10 + [high] * 10)
    waveform, targets = Examples(tiny_bank, WINDOW, how).of_classes(labels, seeded())
    assert targets.argmax(dim=1).equal(labels)
    assert (targets.sum(dim=1) == 1).all()
    if how is PLAIN:
        peak = torch.fft.rfft(waveform).abs().argmax(dim=1) * tiny_bank.sample_rate / WINDOW
        assert (peak[:10] < 200).all()
        assert (peak[10:] > 800).all()


def test_only_the_wanted_split_is_drawn(tiny_bank: Bank) -> None:
    trained, held_out = tiny_bank.part(held_out=False), tiny_bank.part(held_out=True)
    assert (len(trained.labels), len(held_out.labels)) == (6, 3)
    assert not trained.held_out.any()
    assert held_out.held_out.all()


def test_a_room_with_walls_adds_echoes_and_keeps_the_direct_sound(
    tiny_bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = room_responses(10, 16_000, augment.HISTORY, 5)  # all take seconds
    monkeypatch.setattr(augment, "rooms_with_walls", lambda rate: few)
    bank = replace(tiny_bank, sample_rate=16_000)
    dry = replace(PLAIN, gain_db=0.0)
    wet = replace(dry, reverb=1.0, walls=1.0)
    labels = torch.tensor([0] * 3)
    inside, outside = (
        Examples(bank, WINDOW, how).of_classes(labels, seeded())[0] for how in (wet, dry)
    )
    cosine = torch.nn.functional.cosine_similarity(inside, outside)
    assert (cosine > 0.3).all()
    assert (cosine < 0.9999).all()
    assert torch.equal(inside, Examples(bank, WINDOW, wet).of_classes(labels, seeded())[0])
