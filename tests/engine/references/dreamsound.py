"""DreamSound's combinations, frame by frame and bin by bin, in float64."""

import cmath

import numpy as np

Signal = np.ndarray


def spectra(signal: Signal, win_length: int) -> list[Signal]:
    """Return the spectra of all frames that touch a signal: hop a sixteenth, transform doubled."""
    hop = win_length // 16
    padded = np.concatenate((np.zeros(win_length - hop), signal, np.zeros(2 * win_length)))
    window = [0.5 - 0.5 * np.cos(2 * np.pi * n / win_length) for n in range(win_length)]
    found, start = [], 0
    while start < win_length - hop + len(signal):
        frame = np.zeros(2 * win_length)
        for n in range(win_length):
            frame[n] = padded[start + n] * window[n]
        found.append(np.fft.rfft(frame))
        start += hop
    return found


def sound_of(frames: list[Signal], win_length: int, samples: int) -> Signal:
    """Overlap-add the frames, divided by the sum of the squared windows at each sample."""
    hop = win_length // 16
    total = np.zeros(samples + 4 * win_length)
    weight = np.zeros_like(total)
    window = np.array([0.5 - 0.5 * np.cos(2 * np.pi * n / win_length) for n in range(win_length)])
    for number, spectrum in enumerate(frames):
        piece = np.fft.irfft(spectrum)[:win_length] * window
        total[number * hop : number * hop + win_length] += piece
        weight[number * hop : number * hop + win_length] += window**2
    kept = slice(win_length - hop, win_length - hop + samples)
    return total[kept] / weight[kept]


def peak(frames: list[Signal]) -> float:
    return max(abs(complex(bin_)) for frame in frames for bin_ in frame)


def at_level(signal: Signal, level: float) -> Signal:
    middle = sum(signal) / len(signal)
    deviation = (sum((signal - middle) ** 2) / len(signal)) ** 0.5
    return signal * level / deviation


def combined(
    name: str,
    x: Signal,
    y: Signal,
    step: float,
    threshold: float,
    level: float,
    win_length: int,
    third: Signal,
) -> Signal:
    """Return the sound after one step of a combination; see methods.md, section 1."""
    x_frames, y_frames, t_frames = (spectra(signal, win_length) for signal in (x, y, third))
    x_peak, y_peak, t_peak = peak(x_frames), peak(y_frames), peak(t_frames)

    def through(function, *framed) -> Signal:
        frames = []
        for together in zip(*framed, strict=True):
            frame = np.zeros(len(together[0]), complex)
            for k, bins in enumerate(zip(*together, strict=True)):
                frame[k] = function(*(complex(bin_) for bin_ in bins))
            frames.append(frame)
        return sound_of(frames, win_length, len(x))

    def resonance(bin_: complex, largest: float) -> complex:
        a = (abs(bin_) / largest) ** 2
        if abs(bin_) / largest <= threshold:
            a = 0.0
        return complex(a * bin_.real, a * bin_.imag)

    if name == "add":
        return x + step * at_level(y, level)
    if name == "filter":
        made = through(lambda Y: resonance(Y, y_peak), y_frames)
        return x + step * at_level(made, level)
    if name == "gate":
        made = through(lambda Y, X: Y if abs(X) / x_peak > threshold else 0.0, y_frames, x_frames)
        return x + step * at_level(made, level)
    if name == "target":
        made = through(
            lambda Y, T: (
                abs(Y) * cmath.exp(1j * cmath.phase(T)) if abs(T) / t_peak > threshold else 0.0
            ),
            y_frames,
            t_frames,
        )
        return x + step * at_level(made, level)
    if name == "flip":
        made = at_level(through(lambda X: resonance(X, x_peak), x_frames), 1.0) + y
    elif name == "gradient":
        made = y
    elif name == "mask":
        made = through(
            lambda X, Y: (
                abs(X) * (abs(Y) / y_peak) ** 0.125 * cmath.exp(1j * cmath.phase(X))
                if abs(Y) / y_peak > threshold
                else 0.0
            ),
            x_frames,
            y_frames,
        )
    kept = 1.0 - min(step, 1.0)
    return kept * x + step * at_level(made, level)


def faded_average(gradients: list[tuple[int, Signal]], samples: int) -> Signal:
    """Return each sample's average over the windows that hold it, weighted by a sine squared.

    Args:
        gradients: the start of each window, and what was found there.
        samples: of the whole sound.
    """
    result = np.zeros(samples)
    for n in range(samples):
        above = below = 0.0
        for start, gradient in gradients:
            at = n - start
            if 0 <= at < len(gradient):
                fade = np.sin(np.pi * (at + 0.5) / len(gradient)) ** 2
                above += fade * gradient[at]
                below += fade
        result[n] = above / below
    return result
