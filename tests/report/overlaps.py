"""Whether texts of a figure lie on each other or leave the canvas, asked of the renderer."""

from unittest.mock import patch

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from matplotlib.transforms import Affine2D

TOUCH = 0.3  # points that boxes may share: boxes are a little larger than ink
EDGE = 1.0  # points


def drawn_texts(figure):
    """The texts that drawing the figure draws, once each, with their corners in points."""
    seen = {}
    original = Text.draw

    def draw(self, renderer, *args, **kwargs):
        if self.get_visible() and self.get_text().strip():
            seen[id(self)] = self
        return original(self, renderer, *args, **kwargs)

    canvas = FigureCanvasAgg(figure)
    with patch.object(Text, "draw", draw):
        canvas.draw()
    renderer = canvas.get_renderer()
    return [(text.get_text(), corners(text, renderer, figure.dpi)) for text in seen.values()]


def corners(text, renderer, dpi):
    """(4, 2) corners of the text's own box, turned as the text is."""
    angle = text.get_rotation()
    box = text.get_window_extent(renderer)
    middle = np.array([(box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2])
    with patch.object(text, "_rotation", 0.0):
        flat = text.get_window_extent(renderer)
    half = np.array([flat.width, flat.height]) / 2
    signs = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
    turned = Affine2D().rotate_deg(angle).transform(signs * half)
    return (middle + turned) * 72 / dpi


def overlap(a, b):
    """Least distance by which two turned boxes must move apart, 0 when they are apart."""
    shares = []
    for box in (a, b):
        for k in range(2):
            edge = box[k + 1] - box[k]
            axis = np.array([-edge[1], edge[0]])
            axis = axis / np.linalg.norm(axis)
            one, two = a @ axis, b @ axis
            shares.append(min(one.max(), two.max()) - max(one.min(), two.min()))
    return max(0.0, min(shares))


def collisions(figure):
    """What is wrong with the figure's texts, in words; an empty list is right."""
    texts = drawn_texts(figure)
    assert texts, "a figure without a text"
    width, height = (side * 72 for side in figure.get_size_inches())
    found = []
    for name, box in texts:
        low, high = box.min(axis=0), box.max(axis=0)
        if (low < -EDGE).any() or high[0] > width + EDGE or high[1] > height + EDGE:
            found.append(f"{name!r} leaves the canvas: {low.round()} to {high.round()}")
    lows = np.array([box.min(axis=0) for _, box in texts])
    highs = np.array([box.max(axis=0) for _, box in texts])
    for k, (name, box) in enumerate(texts):
        near = ((lows <= highs[k]) & (highs >= lows[k])).all(axis=1).nonzero()[0]
        for other, another in (texts[n] for n in near if n > k):
            shared = overlap(box, another)
            if shared > TOUCH:
                found.append(f"{name!r} lies on {other!r} by {shared:.1f} points")
    return found
