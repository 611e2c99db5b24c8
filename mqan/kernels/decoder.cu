// What a step of the decoder loop does between its products with weights, float32.
//
// A block has one text. In decoder_step it is an LSTM cell, then attention of the cell's h on the
// text's memory, each position read once: its score, and its part of the summary under the highest
// score so far, to be scaled down when a higher one comes. Warps take positions, GROUP at a time so
// that their reads are on the way together; lanes take channels. Masked positions are not read.
//
// Compiled with D and THREADS (whole warps). All tensors are contiguous:
//   acts, d_gates (T, B, 4 D)   gates input, forget, cell, output
//   inputs (T + 1, B, 2 D)      [fed back; h], at t as step t reads them
//   cells (T + 1, B, D)         c, at t before step t
//   ends, d_ends (T, B, 2 D)    [h; summary], which the output is made of
//   logs (T, B)                 log of the sum of exp(scores)
//   hidden, outputs, their gradients, feed_mask (or null) (B, T, D)
//   scores, d_scores (B, T, C)   memory (B, C, D)   mask (B, C)

constexpr int WARPS = THREADS / 32;
constexpr int SHARE = (D + 31) / 32;  // channels of a lane: lane, lane + 32, ...
constexpr int GROUP = 4;
constexpr float MASKED = -1e30f;      // as in recurrence.py

// A lane's channels of a vector, zeros where there is none.
__device__ inline void read(float (&share)[SHARE], const float* values, bool real, int lane) {
#pragma unroll
    for (int k = 0; k < SHARE; ++k)
        share[k] = real && lane + 32 * k < D ? values[lane + 32 * k] : 0.f;
}

// a . b, in every lane
__device__ inline float product(const float (&a)[SHARE], const float (&b)[SHARE]) {
    float sum = 0.f;
#pragma unroll
    for (int k = 0; k < SHARE; ++k) sum = fmaf(a[k], b[k], sum);
    return total_of(sum);
}

// sum += weight x
__device__ inline void add(float (&sum)[SHARE], float weight, const float (&x)[SHARE]) {
#pragma unroll
    for (int k = 0; k < SHARE; ++k) sum[k] = fmaf(weight, x[k], sum[k]);
}

// A warp's sum for the others: parts (WARPS, D).
__device__ inline void leave(float* parts, float factor, const float (&sum)[SHARE], int thread) {
#pragma unroll
    for (int k = 0; k < SHARE; ++k)
        if (thread % 32 + 32 * k < D)
            parts[thread / 32 * D + thread % 32 + 32 * k] = factor * sum[k];
}

// Sum over the warps of what each left for channel d.
__device__ inline float gathered(const float* parts, int d) {
    float sum = 0.f;
#pragma unroll
    for (int w = 0; w < WARPS; ++w) sum += parts[w * D + d];
    return sum;
}

// Positions first, first + WARPS, ... of a text: which are real, and their memory.
__device__ inline bool read_group(
    float (&x)[GROUP][SHARE], bool (&real)[GROUP], const float* memory, const bool* mask, int first,
    int C, int lane) {
    bool any = false;
#pragma unroll
    for (int n = 0; n < GROUP; ++n) {
        const int place = first + n * WARPS;
        real[n] = place < C && mask[place];
        read(x[n], memory + static_cast<size_t>(place) * D, real[n], lane);
        any = any || real[n];
    }
    return any;
}

KERNEL void decoder_step(
    float* acts, float* cells, float* inputs, float* __restrict__ ends, float* __restrict__ hidden,
    float* __restrict__ scores, float* __restrict__ logs, const float* __restrict__ memory,
    const bool* __restrict__ mask, int B, int T, int C, int t) {
    SHARED(shared);
    float *parts = shared, *state = parts + WARPS * D, *tops = state + D, *totals = tops + WARPS;
    const int thread = threadIdx.x, lane = thread % 32, warp = thread / 32, row = blockIdx.x;
    const size_t here = static_cast<size_t>(t) * B + row, next = here + B;
    const size_t there = static_cast<size_t>(row) * T + t;
    float* a = acts + here * 4 * D;  // sums, replaced by what the nonlinearities make of them
    for (int d = thread; d < D; d += THREADS) {
        const float i = sigmoid(a[d]), f = sigmoid(a[D + d]);
        const float g = tanh_of(a[2 * D + d]), o = sigmoid(a[3 * D + d]);
        const float c = f * cells[here * D + d] + i * g, h = o * tanh_of(c);
        a[d] = i, a[D + d] = f, a[2 * D + d] = g, a[3 * D + d] = o;
        cells[next * D + d] = c;
        inputs[next * 2 * D + D + d] = ends[here * 2 * D + d] = hidden[there * D + d] = h;
        state[d] = h;
    }
    SYNC;
    memory += static_cast<size_t>(row) * C * D, mask += static_cast<size_t>(row) * C;
    scores += there * C;
    float query[SHARE], sum[SHARE] = {}, top = MASKED, total = 0.f;
    read(query, state, true, lane);
    for (int first = warp; first < C; first += GROUP * WARPS) {
        float x[GROUP][SHARE], score[GROUP], highest = top;
        bool real[GROUP];
        const bool any = read_group(x, real, memory, mask, first, C, lane);
#pragma unroll
        for (int n = 0; n < GROUP; ++n) {
            score[n] = any ? product(query, x[n]) : MASKED;
            score[n] = real[n] ? score[n] : MASKED;
            highest = max(highest, score[n]);
            if (lane == 0 && first + n * WARPS < C) scores[first + n * WARPS] = score[n];
        }
        const float scale = EXP(top - highest);
        top = highest, total *= scale;
#pragma unroll
        for (int k = 0; k < SHARE; ++k) sum[k] *= scale;
#pragma unroll
        for (int n = 0; n < GROUP; ++n) {
            const float weight = real[n] ? EXP(score[n] - top) : 0.f;
            total += weight;
            add(sum, weight, x[n]);
        }
    }
    if (lane == 0) tops[warp] = top;
    SYNC;
    float highest = MASKED, whole = 0.f;
    for (int w = 0; w < WARPS; ++w) highest = max(highest, tops[w]);
    const float factor = EXP(top - highest);
    leave(parts, factor, sum, thread);
    if (lane == 0) totals[warp] = factor * total;
    SYNC;
    for (int w = 0; w < WARPS; ++w) whole += totals[w];
    const float inverse = whole == 0.f ? 0.f : QUOTIENT(1.f, whole);  // 0: a text without words
    for (int d = thread; d < D; d += THREADS)
        ends[here * 2 * D + D + d] = inverse * gathered(parts, d);
    if (thread == 0) logs[here] = highest + LOG(whole);
}

// output = tanh(pre), and what the next step is fed of it.
KERNEL void decoder_output(
    const float* __restrict__ pre, const float* __restrict__ feed_mask,
    float* __restrict__ outputs, float* __restrict__ inputs, int B, int T, int t) {
    const int row = blockIdx.x;
    const size_t there = static_cast<size_t>(row) * T + t;
    for (int d = threadIdx.x; d < D; d += THREADS) {
        const float output = tanh_of(pre[row * D + d]);
        outputs[there * D + d] = output;
        if (t + 1 < T)
            inputs[(static_cast<size_t>(t + 1) * B + row) * 2 * D + d] =
                feed_mask ? output * feed_mask[(there + 1) * D + d] : output;
    }
}

// d_next (B, 2 D): d(inputs) of the step after, which the last step has none of.
KERNEL void decoder_output_backward(
    const float* __restrict__ d_outputs, const float* __restrict__ d_next,
    const float* __restrict__ feed_mask, const float* __restrict__ outputs,
    float* __restrict__ d_pre, int B, int T, int t) {
    const int row = blockIdx.x;
    const size_t there = static_cast<size_t>(row) * T + t;
    for (int d = threadIdx.x; d < D; d += THREADS) {
        const float fed = t + 1 < T ? d_next[row * 2 * D + d] : 0.f;
        const float kept = t + 1 < T && feed_mask ? feed_mask[(there + 1) * D + d] : 1.f;
        const float output = outputs[there * D + d];
        d_pre[(static_cast<size_t>(t) * B + row) * D + d] =
            (d_outputs[there * D + d] + fed * kept) * (1.f - output * output);
    }
}

// The step backwards. What the softmax subtracts, sum_c alpha_c (d_summary . m_c), is d_summary .
// summary: known before the first position is read. d_c (B, D): after the step, then before it.
// from_memory (B, 2, T, C): d(scores) in all and alpha, for d(memory) after the loop.
KERNEL void decoder_step_backward(
    const float* __restrict__ d_ends, const float* __restrict__ d_next,
    const float* __restrict__ d_hidden, const float* __restrict__ d_scores,
    const float* __restrict__ scores, const float* __restrict__ logs,
    const float* __restrict__ memory, const bool* __restrict__ mask,
    const float* __restrict__ ends, const float* __restrict__ acts,
    const float* __restrict__ cells, float* __restrict__ d_c, float* __restrict__ d_gates,
    float* __restrict__ from_memory, int B, int T, int C, int t) {
    SHARED(parts);
    const int thread = threadIdx.x, lane = thread % 32, warp = thread / 32, row = blockIdx.x;
    const size_t here = static_cast<size_t>(t) * B + row, next = here + B;
    const size_t there = static_cast<size_t>(row) * T + t;
    memory += static_cast<size_t>(row) * C * D, mask += static_cast<size_t>(row) * C;
    scores += there * C, d_scores += there * C;
    float* d_score = from_memory + (static_cast<size_t>(row) * 2 * T + t) * C;
    float* alpha = d_score + static_cast<size_t>(T) * C;
    float query[SHARE], sum[SHARE] = {};
    read(query, d_ends + here * 2 * D + D, true, lane);
    read(sum, ends + here * 2 * D + D, true, lane);
    const float mean = product(query, sum), log = logs[here];
#pragma unroll
    for (int k = 0; k < SHARE; ++k) sum[k] = 0.f;
    for (int first = warp; first < C; first += GROUP * WARPS) {
        float x[GROUP][SHARE], weight[GROUP], given[GROUP];
        bool real[GROUP];
        const bool any = read_group(x, real, memory, mask, first, C, lane);
#pragma unroll
        for (int n = 0; n < GROUP; ++n) {
            weight[n] = real[n] ? EXP(scores[first + n * WARPS] - log) : 0.f;
            given[n] = real[n] ? d_scores[first + n * WARPS] : 0.f;
        }
#pragma unroll
        for (int n = 0; n < GROUP; ++n) {
            const float slope = any ? product(query, x[n]) - mean : 0.f;
            const float d = fmaf(weight[n], slope, given[n]);
            add(sum, d, x[n]);
            if (lane == 0 && first + n * WARPS < C) {
                d_score[first + n * WARPS] = d;
                alpha[first + n * WARPS] = weight[n];
            }
        }
    }
    leave(parts, 1.f, sum, thread);
    SYNC;
    const float* a = acts + here * 4 * D;
    float* d_gate = d_gates + here * 4 * D;
    for (int d = thread; d < D; d += THREADS) {
        const float i = a[d], f = a[D + d], g = a[2 * D + d], o = a[3 * D + d];
        const float from_next = t + 1 < T ? d_next[row * 2 * D + D + d] : 0.f;
        const float d_h = d_hidden[there * D + d] + from_next + d_ends[here * 2 * D + d] +
                          gathered(parts, d);
        const float th = tanh_of(cells[next * D + d]);
        const float d_cell = d_c[row * D + d] + d_h * o * (1.f - th * th);
        d_gate[d] = d_cell * g * i * (1.f - i);
        d_gate[D + d] = d_cell * cells[here * D + d] * f * (1.f - f);
        d_gate[2 * D + d] = d_cell * i * (1.f - g * g);
        d_gate[3 * D + d] = d_h * th * o * (1.f - o);
        d_c[row * D + d] = d_cell * f;
    }
}
