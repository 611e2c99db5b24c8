// Entries that ctypes can call; lstm.cu comes before this, host.h before it.
extern "C" void run_forward(
    int shared, const float* gates, const float* w, const long long* lengths, float* out,
    float* before, float* acts, float* cells, float* h, float* c, int B, int L) {
    launch((B + ROWS - 1) / ROWS, 2, shared, [=] {
        lstm_forward(gates, w, lengths, out, before, acts, cells, h, c, B, L);
    });
}

extern "C" void run_backward(
    int shared, const float* d_out, const float* d_h, const float* d_c, const float* acts,
    const float* cells, const float* w, const long long* lengths, float* d_gates, int B, int L) {
    launch((B + ROWS - 1) / ROWS, 2, shared, [=] {
        lstm_backward(d_out, d_h, d_c, acts, cells, w, lengths, d_gates, B, L);
    });
}
