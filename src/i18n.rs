//! English and Chinese: messages, times, sizes and numbers.
