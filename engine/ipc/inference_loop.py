"""One network on one stream: reads sound from a channel and publishes dreams there."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from ..dreaming.streaming_dream import UPDATE_SECONDS, StreamingDream
from ..dsp.linear_prediction import forecast
from ..packs.network import GradientSource, PackLike
from ..packs.tracker import Tracker
from ..parameter_values import Values
from ..parameterisations import DREAM_PARAMETERISATIONS
from .inference_channel import ChannelShape, InferenceChannel

UPDATE_BUDGET_SECONDS = 0.4 * UPDATE_SECONDS
"""What the gradients of an update may take in live play; the rest is for all else."""


class InferenceLoop:
    """The network's side of an `InferenceChannel`."""

    def __init__(
        self,
        pack: PackLike,
        dreamer: GradientSource,
        tracker: Tracker | None,
        parameters: Values,
        sample_rate: int,
        path: Path,
        is_current: Callable[[], bool] = lambda: True,
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
            is_current: whether the parameters are for this network: only then a layer or target
                that it does not have is an error.
            seed: of the random numbers.

        Raises:
            InnerearError: the network does not know the layer or the target.
        """
        n_fft = int(parameters["n_fft"])
        probe = StreamingDream(dreamer, tracker, parameters, sample_rate, n_fft)
        shape = ChannelShape(
            pack.name,
            pack.sample_rate,
            pack.window,
            {name: layer.units for name, layer in pack.layers.items()},
            list(pack.classes),
            sample_rate,
            n_fft,
            probe.tape_lag,
            probe.update_deadline,
        )
        self.path = path
        self.channel = InferenceChannel(path, shape, create=True)
        self._dream = StreamingDream(
            dreamer,
            tracker,
            parameters,
            sample_rate,
            n_fft,
            feed=self.channel.feed,
            tape=self.channel.tape,
            sidechain=self.channel.sidechain,
            seed=seed,
        )
        self._is_current = is_current
        if DREAM_PARAMETERISATIONS[parameters.text("parameterisation")].adds:
            # Where no stage is compiled this loads a library: here, and not in the midst of sound.
            forecast(np.ones(2, np.float32), 1)
        self._resets = 0
        self._published = 0
        self._failure = ""

    def step(self) -> None:
        """Run the updates that are due; publish an error, and try again at the next step."""
        if self.channel.resets != self._resets:
            self._resets = self.channel.resets
            self._dream.clear()
        try:
            self._dream.run_due(skip_late=True)
        except Exception as problem:  # of any kind; the next update may succeed
            self._failure = f"The network failed: {type(problem).__name__}: {problem}"
        else:
            if self._dream.count != self._published:
                self._failure = ""
        if self._dream.count != self._published:
            self._published = self._dream.count
            self.channel.publish(self._dream.newest)
        self.channel.count_step(
            self._failure or (self._dream.problem if self._is_current() else "")
        )
