#!/bin/sh
# An objective as a shell script: the lightest beam that carries its load. Two objectives and a constraint, which is kept when it is not above 0.
#
#     npx parzen run resources/examples/beam.yaml
#
# Any simulator can be put in the place of awk.
awk -v width="$PARZEN_PARAM_WIDTH" -v height="$PARZEN_PARAM_HEIGHT" -v kind="$PARZEN_PARAM_MATERIAL" 'BEGIN {
  density = kind == "steel" ? 7.8 : 0.5
  strength = kind == "steel" ? 250 : 30
  weight = density * width * height
  bending = 3000 / (width * height * height / 6)
  deflection = 1000 / (width * height * height * height)
  printf "{\"values\": [%f, %f], \"constraints\": {\"bending\": %f}}\n", weight, deflection, bending - strength
}'
