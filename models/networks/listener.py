"""The base class of the torch networks that Innerear can listen and dream with."""

from torch import Tensor, nn


class Listener(nn.Module):
    """A network that takes a waveform and shows every layer's activations.

    Attributes:
        sample_rate: of the waveform, in hertz.
        window: samples the network takes at once.
        hop: samples between two windows when it listens to a stream.
        front_end: one phrase on what stands before the first convolution.
        classes: names of the units of the last layer, `output`.
        level: a first stage that scales the window as a whole, or nn.Identity. It makes every
            frame depend a little on every sample, so receptive fields are measured without it.
        spectrum: length and hop, in samples, of the short-time Fourier transform whose frames
            `represent` gives; None where it gives a waveform.
    """

    sample_rate: int
    window: int
    hop: int
    front_end: str
    classes: tuple[str, ...]
    spectrum: tuple[int, int] | None = None

    def __init__(self) -> None:
        """Start without a stage that scales the window."""
        super().__init__()
        self.level: nn.Module = nn.Identity()

    def forward(self, waveform: Tensor) -> dict[str, Tensor]:
        """Return every layer's activations, in network order.

        Args:
            waveform: float32 [batch, window], full scale at 1.

        Returns:
            layer name -> [batch, units, frames], or [batch, units, frequency, frames] where the
            layer's map has a frequency axis. The last is `output`, [batch, classes, frames]: the
            class scores *before* the last non-linearity, so that the gradient of a sure class
            does not vanish.
        """
        raise NotImplementedError

    def represent(self, waveform: Tensor) -> Tensor:
        """Return the input of the layers, where auralisation ends: here the waveform itself.

        A network with another input overrides this and `activate`; `forward` calls one after the
        other.

        Args:
            waveform: float32 [batch, window], full scale at 1.

        Returns:
            [batch, window], or [batch, bins, frames] where `spectrum` says which.
        """
        return waveform

    def activate(self, represented: Tensor) -> dict[str, Tensor]:
        """Return every layer's activations for what `represent` gave; see `forward`."""
        return self(represented)  # type: ignore[no-any-return]

    def scores(self, output: Tensor) -> Tensor:
        """Apply the last non-linearity to the layer `output`; values in 0..1."""
        return output.sigmoid()
