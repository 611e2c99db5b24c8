// Entries that ctypes can call; decoder.cu comes before this, host.h before it.
extern "C" void run_decoder_step(
    int shared, float* acts, float* cells, float* inputs, float* ends, float* hidden, float* scores,
    float* logs, const float* memory, const bool* mask, int B, int T, int C, int t) {
    launch(B, 1, shared, [=] {
        decoder_step(acts, cells, inputs, ends, hidden, scores, logs, memory, mask, B, T, C, t);
    });
}

extern "C" void run_decoder_output(
    int shared, const float* pre, const float* feed_mask, float* outputs, float* inputs, int B,
    int T, int t) {
    launch(B, 1, shared, [=] { decoder_output(pre, feed_mask, outputs, inputs, B, T, t); });
}

extern "C" void run_decoder_output_backward(
    int shared, const float* d_outputs, const float* d_next, const float* feed_mask,
    const float* outputs, float* d_pre, int B, int T, int t) {
    launch(B, 1, shared, [=] {
        decoder_output_backward(d_outputs, d_next, feed_mask, outputs, d_pre, B, T, t);
    });
}

extern "C" void run_decoder_step_backward(
    int shared, const float* d_ends, const float* d_next, const float* d_hidden,
    const float* d_scores, const float* scores, const float* logs, const float* memory,
    const bool* mask, const float* ends, const float* acts, const float* cells, float* d_c,
    float* d_gates, float* from_memory, int B, int T, int C, int t) {
    launch(B, 1, shared, [=] {
        decoder_step_backward(
            d_ends, d_next, d_hidden, d_scores, scores, logs, memory, mask, ends, acts, cells, d_c,
            d_gates, from_memory, B, T, C, t);
    });
}
