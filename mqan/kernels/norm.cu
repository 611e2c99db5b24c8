// The released code's layer norm: gain * (x - mean) / (deviation + EPSILON) + shift, float32.
//
// A warp has a row at a time, its lanes every 32nd column of it in registers. The deviation is the
// unbiased one.
//
// Compiled with D, THREADS and EPSILON. All tensors are contiguous:
//   x, y, dy, dx (N, D)   gain, shift (D,)   mean, deviation (N,)
//   parts (G, 2, D): what each of G blocks adds to the derivatives of gain and shift

constexpr int WARPS = THREADS / 32;
constexpr int LANE = (D + 31) / 32;  // columns of a lane
constexpr float LEAST = static_cast<float>(EPSILON);
constexpr float ROUNDING = 4 * 1.1920929e-7f;  // of a mean, beside which a deviation is nothing

// Columns of a lane; those beyond the row are 0.
__device__ inline void read(const float* row, int lane, float (&x)[LANE]) {
#pragma unroll
    for (int k = 0; k < LANE; ++k) x[k] = lane + 32 * k < D ? row[lane + 32 * k] : 0.f;
}

KERNEL void norm_forward(
    const float* __restrict__ x, const float* __restrict__ gain, const float* __restrict__ shift,
    float* __restrict__ y, float* __restrict__ mean, float* __restrict__ deviation, int N,
    int G) {
    const int lane = threadIdx.x % 32;
    for (int row = blockIdx.x * WARPS + threadIdx.x / 32; row < N; row += G * WARPS) {
        const size_t at = static_cast<size_t>(row) * D;
        float values[LANE], sum = 0.f, squares = 0.f;
        read(x + at, lane, values);
#pragma unroll
        for (int k = 0; k < LANE; ++k) sum += values[k];
        const float m = total_of(sum) / D;
#pragma unroll
        for (int k = 0; k < LANE; ++k) {
            values[k] = lane + 32 * k < D ? values[k] - m : 0.f;
            squares = fmaf(values[k], values[k], squares);
        }
        const float s = sqrtf(total_of(squares) / (D - 1));
#pragma unroll
        for (int k = 0; k < LANE; ++k) {
            const int column = lane + 32 * k;
            if (column < D)
                y[at + column] = gain[column] * (values[k] / (s + LEAST)) + shift[column];
        }
        if (lane == 0) mean[row] = m, deviation[row] = s;
    }
}

// With c = x - mean, s the deviation, r = 1 / (s + EPSILON) and g = dy gain:
//   dx = r (g - mean(g)) - c sum(g c) r^2 / ((D - 1) s)
KERNEL void norm_backward(
    const float* __restrict__ dy, const float* __restrict__ x, const float* __restrict__ gain,
    const float* __restrict__ mean, const float* __restrict__ deviation, float* __restrict__ dx,
    float* __restrict__ parts, int N, int G) {
    const float biased = sqrtf((D - 1.f) / D);  // times a deviation: the biased one
    SHARED(shared);  // d(gain), then d(shift), of every warp
    const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
    float d_gain[LANE], d_shift[LANE];
#pragma unroll
    for (int k = 0; k < LANE; ++k) d_gain[k] = d_shift[k] = 0.f;
    for (int row = blockIdx.x * WARPS + warp; row < N; row += G * WARPS) {
        const size_t at = static_cast<size_t>(row) * D;
        const float m = mean[row], s = deviation[row], r = 1.f / (s + LEAST);
        // Where rounding is all that a row's deviation consists of, it has no direction either.
        const bool flat = fabsf(m) * ROUNDING > s * biased;
        float c[LANE], d[LANE], sum = 0.f, along = 0.f;
        read(x + at, lane, c);
        read(dy + at, lane, d);
#pragma unroll
        for (int k = 0; k < LANE; ++k) {
            const int column = lane + 32 * k;
            c[k] = column < D && !flat ? c[k] - m : 0.f;
            d_shift[k] += d[k];
            d_gain[k] = fmaf(d[k], c[k] * r, d_gain[k]);
            d[k] = column < D ? d[k] * gain[column] : 0.f;
            sum += d[k];
            along = fmaf(d[k], c[k], along);
        }
        sum = total_of(sum) / D;
        along = total_of(along);
        const float slope = s > 0.f ? along * r * r / ((D - 1) * s) : 0.f;
#pragma unroll
        for (int k = 0; k < LANE; ++k) {
            const int column = lane + 32 * k;
            if (column < D) dx[at + column] = flat ? 0.f : r * (d[k] - sum) - c[k] * slope;
        }
    }
#pragma unroll
    for (int k = 0; k < LANE; ++k) {
        const int column = lane + 32 * k;
        if (column < D) {
            shared[warp * D + column] = d_gain[k];
            shared[(WARPS + warp) * D + column] = d_shift[k];
        }
    }
    SYNC;
    for (int k = threadIdx.x; k < 2 * D; k += THREADS) {
        const float* part = shared + (k < D ? 0 : WARPS * D) + k % D;
        float sum = 0.f;
        for (int w = 0; w < WARPS; ++w) sum += part[w * D];
        parts[static_cast<size_t>(blockIdx.x) * 2 * D + k] = sum;
    }
}
