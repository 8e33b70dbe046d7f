# PROFILE=imagenet: the paper's networks at full size on ImageNet, which users bring (data/README.md):
#   IMAGENET   its folder: train/ and val/ with a folder of pictures for each class, or train.csv and val.csv
#              that list them
#   MODELS     a folder of mobilenet-v1.onnx, mobilenet-v2.onnx, and for Table 6 resnet-50.onnx, pretrained
#   MEAN, STD  what the networks subtract and divide by, where that is not 0.5: torchvision's
#              0.485,0.456,0.406 and 0.229,0.224,0.225
#   mobilenet-v1-imagenet.mean, .std   the same of one network alone
#   make PROFILE=imagenet IMAGENET=/data/imagenet MODELS=/data/onnx CATEGORIES=100 \
#        MEAN=0.485,0.456,0.406 STD=0.229,0.224,0.225 table3
IMAGENET ?=
MODELS   ?=
MEAN     ?=
STD      ?=
imagenet.dir     := $(IMAGENET)
imagenet.models  := $(MODELS)
imagenet.mean    := $(MEAN)
imagenet.std     := $(STD)
imagenet.margin  := 16
imagenet.parts   := 50000 2560 2500
imagenet.classes := 1000

networks    := mobilenet-v1-imagenet mobilenet-v2-imagenet
resnet      := resnet-50-imagenet
