// What the kernels take from CUDA, under names that tests give a meaning on a CPU (host.h).
#ifndef KERNEL
#define KERNEL extern "C" __global__ __launch_bounds__(THREADS, 1)
#define SHARED(name) extern __shared__ float4 name##_[]; float* name = reinterpret_cast<float*>(name##_)
#define FROM_LANE(value, lane) __shfl_sync(0xffffffffu, value, lane)
#define ACROSS(value, distance) __shfl_xor_sync(0xffffffffu, value, distance)
#define SYNC __syncthreads()
#define EXP(x) __expf(x)
#define LOG(x) __logf(x)
#define QUOTIENT(a, b) __fdividef(a, b)
#endif

// The fast forms, which tests hold to 2e-5 of a float64 twin.
__device__ inline float sigmoid(float x) { return QUOTIENT(1.f, 1.f + EXP(-x)); }
__device__ inline float tanh_of(float x) { return 2.f * sigmoid(2.f * x) - 1.f; }

// Sum over a warp, in every lane.
__device__ inline float total_of(float x) {
#pragma unroll
    for (int far = 16; far; far /= 2) x += ACROSS(x, far);
    return x;
}
