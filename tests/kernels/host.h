// The kernels' CUDA on a CPU: a thread for each thread of a block, blocks one after the other.
// Only for tests at small sizes, where no GPU is.
#include <algorithm>
#include <barrier>
#include <cmath>
#include <cstddef>
#include <thread>
#include <vector>

struct float4 { float x, y, z, w; };
struct Index { int x, y; };
static thread_local Index threadIdx, blockIdx;
static std::barrier<>* block_barrier;
static std::vector<std::barrier<>*> warp_barriers;
static float exchanged[64][32];
static std::vector<float> shared_memory;
using std::max;
using std::min;

static float from_lane(float value, int lane) {
    const int warp = threadIdx.x / 32;
    exchanged[warp][threadIdx.x % 32] = value;
    warp_barriers[warp]->arrive_and_wait();
    const float got = exchanged[warp][lane];
    warp_barriers[warp]->arrive_and_wait();
    return got;
}

#define __device__
#define __restrict__
#define KERNEL extern "C"
#define SHARED(name) float* name = shared_memory.data()
#define FROM_LANE(value, lane) from_lane(value, lane)
#define ACROSS(value, distance) from_lane(value, (threadIdx.x % 32) ^ (distance))
#define EXP(x) std::exp(x)
#define LOG(x) std::log(x)
#define QUOTIENT(a, b) ((a) / (b))
#define SYNC block_barrier->arrive_and_wait()

template <typename F> void launch(int blocks_x, int blocks_y, int shared_floats, F body) {
    for (int y = 0; y < blocks_y; ++y)
        for (int x = 0; x < blocks_x; ++x) {
            shared_memory.assign(shared_floats, NAN);  // what a kernel did not write it may not read
            std::barrier<> all(THREADS);
            block_barrier = &all;
            warp_barriers.clear();
            for (int w = 0; w < THREADS / 32; ++w) warp_barriers.push_back(new std::barrier<>(32));
            std::vector<std::thread> threads;
            for (int t = 0; t < THREADS; ++t)
                threads.emplace_back([=] {
                    threadIdx = {t, 0};
                    blockIdx = {x, y};
                    body();
                });
            for (auto& thread : threads) thread.join();
            for (auto* barrier : warp_barriers) delete barrier;
        }
}
