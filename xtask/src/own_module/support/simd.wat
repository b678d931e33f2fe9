;; A lane of a vector.
(module (func (export "f") (result i32) (i32x4.extract_lane 1 (v128.const i32x4 0 42 0 0))))
