#!/usr/bin/env bash
# Pictures of what people read, from made-up data: pictures.sh CLAIMLOOP DIR
# DIR gets the week's pack and the month's summary, and a picture of each page one looks at; Chromium draws the pages, LibreOffice the workbook.
set -eu
program=$(realpath "$1")
mkdir -p "$2"
out=$(realpath "$2")
missing=""
command -v chromium > /dev/null || missing="$missing chromium"
command -v soffice > /dev/null || missing="$missing libreoffice-calc-nogui"
command -v pdftoppm > /dev/null || missing="$missing poppler-utils"
if [ -n "$missing" ]; then
    if [ "$(id -u)" != 0 ]; then
        echo "to install by root:$missing" >&2
        exit 1
    fi
    apt-get update -qq >&2
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >&2
fi
site=$(mktemp -d)
trap 'rm -rf "$site"' EXIT
cd "$site"
end=$(date -d 'last sunday' +%F)
week=$(date -d "$end" +%G-W%V)
month=$(date -d "$(date -d "$end" +%Y-%m-01) -1 day" +%Y-%m)
cat > plant.toml << PLANT
background = 0.04
reversals = 0.05
[[fault]]
edit = "E3-001"
share = 0.03
[[fault]]
edit = "E5-005"
share = 0.02
[[denial]]
payer = "ZZP01"
carc = "197"
group = "CO"
procedure = "99214"
share = 0.5
from_percent = 90
cause = "authorisation"
[[denial]]
payer = "ZZP02"
carc = "16"
group = "CO"
rarc = "M76"
share = 0.12
cause = "diagnosis"
[[denial]]
payer = "ZZP03"
carc = "4"
group = "CO"
share = 0.2
to_percent = 85
cause = "modifier, until it was taught"
PLANT
"$program" simulate --kind linked --claims 5200 --weeks 26 --seed 11 --end "$end" --plant plant.toml --out made > simulated.txt
mkdir -p spool/outbound spool/inbound
# The last files come through the daemon, so that some claims are held.
last=$(ls made/outbound | tail -3)
for file in $last; do mv "made/outbound/$file" spool/outbound/; done
printf '[state]\ndir = "state"\n[intake]\nsettle = "0s"\n[[channel]]\nname = "main"\n' > claimloop.toml
"$program" history import made --channel main --format json > imported.json
"$program" serve --config claimloop.toml --once > serve.txt 2>&1
"$program" actions add "Train the front desk of ZZP03's clinics in modifiers" --owner coding --training "$(date -d "$end -35 days" +%F)" --payer ZZP03 --carc 4 > actions.txt
"$program" huddle --week "$week" --site "Lakeside Clinic" --out "$out" > files.txt
"$program" huddle --week "$week" --blinded --format html --out "$out" >> files.txt
"$program" leadership --month "$month" --site "Lakeside Clinic" --format html > "$out/leadership.html"
for name in "huddle-$week" "huddle-$week-shared" leadership; do
    chromium --headless --no-sandbox --disable-gpu --no-pdf-header-footer --print-to-pdf="$name.pdf" "file://$out/$name.html" > chromium.txt 2>&1
done
soffice --headless --convert-to pdf --outdir workbook "$out/huddle-$week.xlsx" > soffice.txt 2>&1
shot() { pdftoppm -png -r 80 -f "$2" -l "$2" -singlefile "$1" "$out/$3"; }
shot "huddle-$week.pdf" 1 huddle-page-one
shot "huddle-$week.pdf" 3 huddle-detail
shot "huddle-$week-shared.pdf" 1 huddle-shared
shot leadership.pdf 1 leadership
shot "workbook/huddle-$week.pdf" 1 workbook-page-one
shot "workbook/huddle-$week.pdf" 4 workbook-detail
