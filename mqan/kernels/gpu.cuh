// What the kernels take from CUDA, under names that tests can give a meaning on a CPU.
#define KERNEL extern "C" __global__ __launch_bounds__(THREADS, 1)
#define SHARED(name) extern __shared__ float4 name##_[]; float* name = reinterpret_cast<float*>(name##_)
#define FROM_LANE(value, lane) __shfl_sync(0xffffffffu, value, lane)
#define ACROSS(value, distance) __shfl_xor_sync(0xffffffffu, value, distance)
#define SYNC __syncthreads()
#define EXP(x) __expf(x)
#define QUOTIENT(a, b) __fdividef(a, b)
