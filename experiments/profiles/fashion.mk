# PROFILE=fashion: the paper's block structures, narrow, on 28 x 28 images of clothes that Debian packages.
networks    := mobilenet-v1-fashion mobilenet-v2-fashion
resnet      := resnet-18-fashion
