// Entries that ctypes can call; norm.cu comes before this, host.h before it.
extern "C" void run_norm_forward(
    int shared, const float* x, const float* gain, const float* shift, float* y, float* mean,
    float* deviation, int N, int G) {
    launch(G, 1, shared, [=] { norm_forward(x, gain, shift, y, mean, deviation, N, G); });
}

extern "C" void run_norm_backward(
    int shared, const float* dy, const float* x, const float* gain, const float* mean,
    const float* deviation, float* dx, float* parts, int N, int G) {
    launch(G, 1, shared, [=] { norm_backward(dy, x, gain, mean, deviation, dx, parts, N, G); });
}
