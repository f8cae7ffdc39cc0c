"""One network on one stream: takes what comes through a channel, and publishes its dreams there."""

from collections.abc import Callable
from pathlib import Path

from ..dreaming.streaming_dream import Analyser
from ..packs.network import GradientSource, PackLike
from ..packs.tracker import Tracker
from ..parameter_values import Values
from .inference_channel import ChannelShape, InferenceChannel


class InferenceLoop:
    """The network's side of a `InferenceChannel`."""

    def __init__(
        self,
        pack: PackLike,
        dreamer: GradientSource,
        tracker: Tracker | None,
        parameters: Values,
        sample_rate: int,
        path: Path,
        told: Callable[[], bool] = lambda: True,
        seed: int = 0,
    ) -> None:
        """Make the channel.

        Args:
            pack: the network.
            dreamer: where its gradients come from.
            tracker: gives its activations and templates; None where it has no templates.
            parameters: read at each update; the structural ones now.
            sample_rate: of the stream, in hertz.
            path: of the channel's file.
            told: whether words that the network does not know are a problem to be told.
            seed: of what draws by chance.

        Raises:
            InnerearError: the network does not know the layer or the target.
        """
        n_fft = int(parameters["n_fft"])
        sketch = Analyser(dreamer, tracker, parameters, sample_rate, n_fft)
        shape = ChannelShape(
            pack.name,
            pack.sample_rate,
            pack.window,
            {name: layer.units for name, layer in pack.layers.items()},
            list(pack.classes),
            sample_rate,
            n_fft,
            sketch.tape_lag,
            sketch.update_deadline,
        )
        self.path = path
        self.channel = InferenceChannel(path, shape, create=True)
        feed, tape = self.channel.feed, self.channel.tape
        self._analyser = Analyser(
            dreamer, tracker, parameters, sample_rate, n_fft, feed=feed, tape=tape, seed=seed
        )
        self._told = told
        self._resets = 0
        self._published = 0
        self._failure = ""

    def turn(self) -> None:
        """Do what is due; a network that fails is told and tried again with the next sound."""
        if self.channel.resets != self._resets:
            self._resets = self.channel.resets
            self._analyser.forget()
        try:
            self._analyser.run_due(skip_late=True)
        except Exception as problem:  # whatever it is, the next update may succeed
            self._failure = f"The network failed: {type(problem).__name__}: {problem}"
        else:
            if self._analyser.count != self._published:
                self._failure = ""
        if self._analyser.count != self._published:
            self._published = self._analyser.count
            self.channel.publish(self._analyser.newest)
        self.channel.tell_alive(self._failure or (self._analyser.problem if self._told() else ""))
