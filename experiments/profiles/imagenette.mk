# PROFILE=imagenette: ten classes of ImageNet (section 4.4's kind of subset), pretrained MobileNets with these
# ten outputs; a night on two cores.
#   IMAGENETTE   its folder: train/ and val/ with a folder for each of the ten classes, named by WordNet ids
#   MODELS       a folder of mobilenet-v1.onnx, mobilenet-v2.onnx and, for Table 6, resnet-18.onnx, of
#                ImageNet's 1000 classes
#   MEAN, STD    what the networks subtract and divide by, where that is not 0.5: torchvision's
#                0.485,0.456,0.406 and 0.229,0.224,0.225
#   mobilenet-v1-imagenette.mean, .std   the same of one network alone
#   make PROFILE=imagenette IMAGENETTE=/data/imagenette2 MODELS=/data/onnx \
#        MEAN=0.485,0.456,0.406 STD=0.229,0.224,0.225 table3
IMAGENETTE ?=
MODELS     ?=
MEAN       ?=
STD        ?=
imagenette.dir     := $(IMAGENETTE)
imagenette.models  := $(MODELS)
imagenette.mean    := $(MEAN)
imagenette.std     := $(STD)
imagenette.margin  := 16
imagenette.parts   := 1500 512 500
imagenette.classes := 10
# the outputs of the ten classes, in the order of their folders
imagenette.keep    := 0,217,482,491,497,566,569,571,574,701

networks    := mobilenet-v1-imagenette mobilenet-v2-imagenette
resnet      := resnet-18-imagenette
