"""How one state moves the next: step Jacobians and Lyapunov exponents; the triangle is re-exported from here.

A state is the whole of what a cell carries on: h (S = H numbers), or h then c for an LSTM (S = 2H; P + H with
``proj_size`` P). Everything follows from the cell's step function by ``torch.func``: the module is not called
and not touched, and ``torch.no_grad()`` around a call makes no difference.

Each function takes an ``nn.RNN``, ``nn.LSTM``, ``nn.GRU`` or :class:`~rnnviz.modules.CellModule` of one layer
and one direction, with ``x`` and ``state`` in the form that the module itself takes, ``batch_first`` and
unbatched too, and returns tensors off every graph, in the module's dtype. Raises ``ValueError`` for several
layers or directions, and what :func:`rnnviz.trace` raises.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from rnnviz import onestep
from rnnviz.inputs import State
from rnnviz.scan import fold
from rnnviz.triangle import gradient_triangle as gradient_triangle
from rnnviz.unknown import no_number

_CHUNK = 1 << 23
"""How many numbers the directions kept at a time may hold: 64 MiB in float64."""


@torch.inference_mode(False)
@torch.no_grad()
def jacobians(module: nn.Module, x: Tensor, state: State = None) -> Float[Tensor, "T B S S"]:
    """The Jacobian of every step: ``J[t, b] = d state[t] / d state[t-1]``, where ``state[-1]`` is the start.

    Row i, column j holds d state_i[t] / d state_j[t-1]. For an LSTM the first H rows and columns are h and
    the others c: the lower right block is the direct path from c_{t-1} to c_t, diag(f_t) without peepholes,
    and what runs through h_{t-1} is in the others. The slope of a ReLU at 0 is 0, as in autograd; where its state
    is not finite all of the Jacobian is NaN (:mod:`rnnviz.unknown`).

    The states are recorded once, then all steps are differentiated side by side.
    """
    problem, layer = onestep.single_layer(module, x, state)
    before, inputs = onestep.recorded(problem, layer)
    T, B, S = before.shape
    return onestep.jacobians_at(layer, before.flatten(0, 1), inputs.flatten(0, 1)).reshape(T, B, S, S)


@torch.inference_mode(False)
@torch.no_grad()
def lyapunov_exponents(
    module: nn.Module, x: Tensor, state: State = None, *, count: int | None = None, discard: int = 0
) -> Float[Tensor, " S"]:
    """The Lyapunov exponents of one driven run (B = 1), per step, in descending order.

    How fast S neighbouring directions grow or shrink: ``mean over t of log |R_t[i, i]|`` with the QR
    decomposition ``J_t Q_{t-1} = Q_t R_t`` (Benettin et al. 1980, doi:10.1007/BF02128236; for recurrent
    networks Engelken, Wolf & Abbott 2023, doi:10.1103/PhysRevResearch.5.043044). Over finitely many steps
    each is an estimate; their sum is exactly the mean of log |det J_t|. -inf means that a direction is lost
    altogether.

    ``count`` follows only that many directions, for the leading exponents of a large network: with count=1 no
    step costs more than a few runs of the cell. They start from a fixed random subspace, all S from the unit
    vectors. ``discard`` leaves the first steps out of the mean, in which state and directions settle.
    ``ValueError`` unless 1 <= count <= S and 0 <= discard < T.
    """
    problem, layer = onestep.single_layer(module, x, state)
    onestep.require_one_sequence(problem, "lyapunov_exponents")
    advance = onestep.advance(layer)
    before = torch.cat(layer.state, -1)[0]
    T, S = len(problem.x), len(before)
    if count is not None and not 1 <= count <= S:
        raise ValueError(
            f"expected count from 1 to {S}, the size of the state, got {count}; leave it out to follow all"
        )
    if not 0 <= discard < T:
        raise ValueError(f"expected discard from 0 to {T - 1}, got {discard}; keep at least one of {T} steps")
    Q = torch.eye(S, dtype=before.dtype, device=before.device)
    if count is not None and count < S:
        Q = onestep.subspace(S, count).to(Q)

    def follow(carry: tuple[Tensor, ...], x_t: Tensor) -> tuple[Tensor, ...]:
        before, Q, _ = carry
        n = Q.shape[1]
        copies = x_t.repeat(n, 1)
        after, moved = onestep.moved(lambda s: advance(s, copies), before.repeat(n, 1), Q.mT.contiguous())
        unknown = no_number(layer.cell, after[0])
        Q, R = torch.linalg.qr(torch.where(unknown, torch.nan, moved).mT)
        return after[0], Q, R.diagonal().abs().double().log()

    # In pieces, because fold keeps every carry, and of the Qs only the last one is wanted.
    carry: tuple[Tensor, ...] = (before, Q, Q[0])
    logs: list[Tensor] = []
    for piece in torch.split(problem.x[:, 0], max(_CHUNK // Q.numel(), 1)):
        kept = fold(follow, (piece,), carry)
        logs += [after[2] for after in kept]
        carry = kept[-1]
    return torch.stack(logs[discard:]).mean(0).sort(descending=True).values.to(before.dtype)
