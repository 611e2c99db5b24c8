// The recurrent part of a bidirectional LSTM layer, all steps in one launch, float32.
//
// A block has one direction of ROWS texts. Four neighbouring threads have one unit, a gate each
// (input, forget, cell, output), and H recurrent weights each, which stay in registers. A thread
// reads a quarter of the last state from shared memory and multiplies it by the weights of all four
// gates; shuffles bring a gate's four parts together. What bounds a step, measured on an H200, is
// issuing instructions: some 270 a thread, of which H are the products, at two a cycle.
// Texts end at their own length: padding costs nothing.
//
// Compiled with H, ROWS and THREADS (4 H, rounded up to whole warps). All tensors are contiguous:
//   gates, acts, d_gates (B, L, 2, H, 4)   w (2, H, 4, H)   out, d_out (B, L, 2 H)
//   before, cells (B, L, 2, H)             lasts (B, 2 H)

constexpr int K = (H + 3) / 4;            // units of a quarter
constexpr int SLOT = (K + 3) / 4 * 4;     // floats that a quarter has in shared memory

__device__ inline int slot_of(int unit) { return unit / K * SLOT + unit % K; }

// sum[n] = weight[n] . values over a quarter
__device__ inline void dots(const float (&weight)[4][K], const float* values, float (&sum)[4]) {
    const float4* v = reinterpret_cast<const float4*>(values);
#pragma unroll
    for (int n = 0; n < 4; ++n) sum[n] = 0.f;
#pragma unroll
    for (int k = 0; k + 3 < K; k += 4) {
        const float4 x = v[k / 4];
#pragma unroll
        for (int n = 0; n < 4; ++n) {
            sum[n] = fmaf(weight[n][k], x.x, sum[n]);
            sum[n] = fmaf(weight[n][k + 1], x.y, sum[n]);
            sum[n] = fmaf(weight[n][k + 2], x.z, sum[n]);
            sum[n] = fmaf(weight[n][k + 3], x.w, sum[n]);
        }
    }
#pragma unroll
    for (int k = K / 4 * 4; k < K; ++k)
#pragma unroll
        for (int n = 0; n < 4; ++n) sum[n] = fmaf(weight[n][k], values[k], sum[n]);
}

// Of four sums each: the threads that differ in bits 2 FAR and FAR exchange halves, and each is
// left with the total, over these four, of the sum that its two bits number.
template <int FAR> __device__ inline float scattered(const float (&sum)[4], int thread) {
    const bool high = thread & 2 * FAR, low = thread & FAR;
    const float a = (high ? sum[2] : sum[0]) + ACROSS(high ? sum[0] : sum[2], 2 * FAR);
    const float b = (high ? sum[3] : sum[1]) + ACROSS(high ? sum[1] : sum[3], 2 * FAR);
    return (low ? b : a) + ACROSS(low ? a : b, FAR);
}

KERNEL void lstm_forward(
    const float* __restrict__ gates, const float* __restrict__ w,
    const long long* __restrict__ lengths, float* __restrict__ out, float* __restrict__ before,
    float* __restrict__ acts, float* __restrict__ cells, float* __restrict__ last_h,
    float* __restrict__ last_c, int B, int L) {
    SHARED(shared);  // two states of every text, in turn
    const int j = threadIdx.x, unit = j / 4, gate = j % 4, dir = blockIdx.y;
    const int first = threadIdx.x % 32 & ~3, row = blockIdx.x * ROWS;
    const bool real = unit < H;
    const float factor = gate == 2 ? 2.f : 1.f;  // tanh(x) = 2 sigmoid(2 x) - 1
    float weight[4][K];  // of all gates, from a quarter of the units
#pragma unroll
    for (int n = 0; n < 4; ++n)
#pragma unroll
        for (int k = 0; k < K; ++k) {
            const int from = gate * K + k;
            weight[n][k] = real && from < H ? w[((dir * H + unit) * 4 + n) * H + from] : 0.f;
        }
    int length[ROWS], longest = 0;
    float c[ROWS], x[ROWS];
    auto at = [&](int r, int t) {  // where text r is at step t, among (B, L, 2)
        const int place = dir ? length[r] - 1 - t : t;
        return (static_cast<size_t>(row + r) * L + place) * 2 + dir;
    };
#pragma unroll
    for (int r = 0; r < ROWS; ++r) {
        length[r] = row + r < B ? static_cast<int>(lengths[row + r]) : 0;
        longest = max(longest, length[r]);
        c[r] = 0.f;
        x[r] = real && length[r] ? gates[at(r, 0) * 4 * H + j] : 0.f;
    }
    for (int k = j; k < 2 * ROWS * 4 * SLOT; k += THREADS) shared[k] = 0.f;
    SYNC;
    for (int t = 0; t < longest; ++t) {
        const float* h = shared + (t & 1) * ROWS * 4 * SLOT;
        float* next_h = shared + (~t & 1) * ROWS * 4 * SLOT;
        float sum[ROWS];
#pragma unroll
        for (int r = 0; r < ROWS; ++r) {
            sum[r] = x[r];
            if (real && t + 1 < length[r]) x[r] = gates[at(r, t + 1) * 4 * H + j];  // on its way
        }
#pragma unroll
        for (int r = 0; r < ROWS; ++r) {
            float parts[4];
            dots(weight, h + (r * 4 + gate) * SLOT, parts);
            sum[r] += scattered<1>(parts, j);
        }
#pragma unroll
        for (int r = 0; r < ROWS; ++r) {
            const float act = factor * sigmoid(factor * sum[r]) - (factor - 1.f);
            const float i = FROM_LANE(act, first), f = FROM_LANE(act, first + 1);
            const float g = FROM_LANE(act, first + 2), o = FROM_LANE(act, first + 3);
            if (t < length[r] && real) {
                const size_t here = at(r, t);
                const float old = h[r * 4 * SLOT + slot_of(unit)];
                c[r] = f * c[r] + i * g;
                const float value = o * tanh_of(c[r]);
                acts[here * 4 * H + j] = act;
                if (gate == 0) next_h[r * 4 * SLOT + slot_of(unit)] = out[here * H + unit] = value;
                if (gate == 1) cells[here * H + unit] = c[r];
                if (gate == 2) before[here * H + unit] = old;
                if (gate == 3 && t == length[r] - 1) {
                    last_h[(static_cast<size_t>(row + r) * 2 + dir) * H + unit] = value;
                    last_c[(static_cast<size_t>(row + r) * 2 + dir) * H + unit] = c[r];
                }
            }
        }
        SYNC;
    }
    if (real && gate == 0)  // padding: no output, and nothing before it that could be infinite
        for (int r = 0; r < ROWS && row + r < B; ++r)
            for (int place = length[r]; place < L; ++place) {
                const size_t here = (static_cast<size_t>(row + r) * L + place) * 2 + dir;
                out[here * H + unit] = before[here * H + unit] = 0.f;
            }
}

// The same backwards. What leads to the state before is a sum over 4 H gates: sixteen neighbouring
// threads have a sixteenth of it each (a gate, a quarter of the units) for their four units.
KERNEL void lstm_backward(
    const float* __restrict__ d_out, const float* __restrict__ d_last_h,
    const float* __restrict__ d_last_c, const float* __restrict__ acts,
    const float* __restrict__ cells, const float* __restrict__ w,
    const long long* __restrict__ lengths, float* __restrict__ d_gates, int B, int L) {
    SHARED(shared);  // d(gates) of every text, gate by gate, two of them in turn
    const int j = threadIdx.x, unit = j / 4, gate = j % 4, dir = blockIdx.y;
    const int first = threadIdx.x % 32 & ~3, row = blockIdx.x * ROWS;
    const bool real = unit < H;
    const int part = j % 16;  // gate part / 4, quarter part % 4
    float weight[4][K];
#pragma unroll
    for (int n = 0; n < 4; ++n)
#pragma unroll
        for (int k = 0; k < K; ++k) {
            const int from = part % 4 * K + k, to = unit / 4 * 4 + n;
            weight[n][k] = from < H && to < H ? w[((dir * H + from) * 4 + part / 4) * H + to] : 0.f;
        }
    int length[ROWS], longest = 0;
    float dh[ROWS], dc[ROWS], act[ROWS], cell[ROWS], old[ROWS], from_out[ROWS];
    auto at = [&](int r, int t) {
        const int place = dir ? length[r] - 1 - t : t;
        return (static_cast<size_t>(row + r) * L + place) * 2 + dir;
    };
#pragma unroll
    for (int r = 0; r < ROWS; ++r) {
        length[r] = row + r < B ? static_cast<int>(lengths[row + r]) : 0;
        longest = max(longest, length[r]);
        dh[r] = dc[r] = act[r] = cell[r] = old[r] = from_out[r] = 0.f;
        if (real && length[r]) {
            const int t = length[r] - 1;
            dh[r] = d_last_h[(static_cast<size_t>(row + r) * 2 + dir) * H + unit];
            dc[r] = d_last_c[(static_cast<size_t>(row + r) * 2 + dir) * H + unit];
            act[r] = acts[at(r, t) * 4 * H + j];
            cell[r] = cells[at(r, t) * H + unit];
            from_out[r] = d_out[at(r, t) * H + unit];
            old[r] = t ? cells[at(r, t - 1) * H + unit] : 0.f;
        }
    }
    for (int k = j; k < 2 * ROWS * 16 * SLOT; k += THREADS) shared[k] = 0.f;
    SYNC;
    for (int n = 0; n < longest; ++n) {
        float* d = shared + (n & 1) * ROWS * 16 * SLOT;
#pragma unroll
        for (int r = 0; r < ROWS; ++r) {
            const int t = length[r] - 1 - n;
            const float i = FROM_LANE(act[r], first), f = FROM_LANE(act[r], first + 1);
            const float g = FROM_LANE(act[r], first + 2), o = FROM_LANE(act[r], first + 3);
            if (t >= 0 && real) {
                const float th = tanh_of(cell[r]), total = dh[r] + from_out[r];
                const float here = dc[r] + total * o * (1.f - th * th);
                float value = here * g * i * (1.f - i);
                if (gate == 1) value = here * old[r] * f * (1.f - f);
                if (gate == 2) value = here * i * (1.f - g * g);
                if (gate == 3) value = total * th * o * (1.f - o);
                dc[r] = here * f;
                d_gates[at(r, t) * 4 * H + j] = value;
                d[(r * 4 + gate) * 4 * SLOT + slot_of(unit)] = value;
                if (t) {  // what the next step needs, on its way during the sum below
                    act[r] = acts[at(r, t - 1) * 4 * H + j];
                    cell[r] = old[r];
                    from_out[r] = d_out[at(r, t - 1) * H + unit];
                    old[r] = t > 1 ? cells[at(r, t - 2) * H + unit] : 0.f;
                }
            }
        }
        SYNC;
#pragma unroll
        for (int r = 0; r < ROWS; ++r) {
            float parts[4];
            dots(weight, d + (r * 16 + part) * SLOT, parts);
            float sum = scattered<4>(parts, j);
            sum += ACROSS(sum, 1);
            dh[r] = sum + ACROSS(sum, 2);
        }
    }
    if (real)
        for (int r = 0; r < ROWS && row + r < B; ++r)
            for (int place = length[r]; place < L; ++place)
                d_gates[((static_cast<size_t>(row + r) * L + place) * 2 + dir) * 4 * H + j] = 0.f;
}
