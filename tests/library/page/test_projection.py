"""Where dreams are on the map."""

import numpy as np
import pytest

from innerear.library.page import projection
from innerear.library.page.projection import project


def test_places_are_the_two_principal_components_of_the_directions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    random = np.random.default_rng(3)
    spread = random.normal(size=(500, 6)) * (1, 0.1, 3, 0.1, 0.5, 0.1) + 5
    embeddings = spread.astype(np.float32)
    places = project(embeddings)
    directions = embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)
    centred = directions - directions.mean(axis=0)
    u, s, _ = np.linalg.svd(centred.astype(np.float64), full_matrices=False)
    expected = u[:, :2] * s[:2]
    expected /= np.abs(expected).max()
    expected *= np.sign((expected * places).sum(axis=0))
    np.testing.assert_allclose(places, expected, atol=1e-4)
    monkeypatch.setattr(projection, "_BLOCK", 64)
    np.testing.assert_allclose(project(embeddings), places, atol=1e-6)
    np.testing.assert_allclose(project(10 * embeddings), places, atol=1e-5)


@pytest.mark.parametrize(
    "embeddings",
    [np.zeros((0, 4)), np.ones((1, 4)), np.zeros((3, 4)), np.ones((3, 1)), np.full((2, 4), np.nan)],
)
def test_there_is_a_place_for_everything(embeddings: np.ndarray) -> None:
    places = project(embeddings.astype(np.float32))
    assert places.shape == (len(embeddings), 2)
    assert np.isfinite(places).all()
